/** What is used of the AWS SDK. Loaded as one module when a bucket is first used: a bundler finds the names of CommonJS packages in static imports only. */
export { DeleteObjectCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
export { Upload } from '@aws-sdk/lib-storage';
