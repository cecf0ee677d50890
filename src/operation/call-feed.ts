// CallFeed: calls as they change, as the outside sees them; for whoever looks at a store without its Gateway.
export { publicView as viewOf } from '../call/public-view.ts';
export type { CallFeed } from '../record/feed.ts';
export type { Imported } from '../record/import.ts';
export { masked } from './masked.ts';
