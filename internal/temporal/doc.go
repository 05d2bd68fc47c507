// Package temporal is the way to Temporal: one SDK plugin that seals whatever
// leaves for the server, and the dialling around it. Workflows, their starters
// and the worker pools stand above it and need not think of it.
//
// Every payload is sealed whole under the data key of its workflow's scope, so
// that destroying that key erases the workflow's history wherever copies of it
// lie. The plugin has four parts that only work together, hence one plugin:
//
//   - the payload codec seals and opens, with keys that are in memory;
//   - the failure converter seals error messages and stack traces too;
//   - the gRPC interceptor loads the keys of a polled task, its history pages
//     and every other answer in one batch before the SDK sees them, keeps
//     unsealed payloads from leaving, and blanks error texts that the SDK sends
//     beside a sealed failure;
//   - the client and activity interceptors load the keys of what is about to be
//     sealed.
//
// Summaries of the forms that Options.Clear knows are the exception: the gRPC
// interceptor takes their seal off, so that operations can read a timeline.
// Plugin.Open opens payloads for people, by what each may see.
//
// What no plugin can seal, and what therefore must never carry guest data:
// workflow, activity and update ids, names of types and queues, search
// attributes, the types of errors, the reasons given to terminate or cancel,
// headers of context propagators, and the fairness key.
//
// Two limits of the SDK remain. A workflow must not return a CanceledError with
// details (the SDK encodes them without a workflow, which the codec refuses),
// and before completing an activity from outside the worker that ran it, call
// Plugin.Prepare.
package temporal
