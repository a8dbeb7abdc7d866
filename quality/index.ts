/** What code of tasks may import as `syngraph/quality`. */
export { CATEGORIES, SYGRA_CATEGORIES, categoryNamed, type Category } from './category/categories.ts';
export { tellCategory, type CategorisedConversation, type ToldCategory } from './category/tell-category.ts';
