export * from "./api.js";
export { RaftKvError } from "./transport.js";
export type { Answer, CallOptions, Credentials, Stream, StreamEvent } from "./transport.js";
