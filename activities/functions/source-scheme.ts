/** Names of user files in stacks begin with this, so that they can be told from everything else. */
export const SOURCE_SCHEME = 'task:///';
