// Package seven sends text messages through seven.io, a gateway in Kiel,
// Germany, by its documented HTTP API (docs.seven.io, REST API, "SMS" and
// "Journal"). Any gateway that speaks the same API can stand behind it, such
// as the sink on a developer's machine.
//
// The gateway knows each message by our id (foreign_id) and keeps a journal,
// so what became of a message whose answer was lost can be asked.
//
// It stands on the internal floor, below the port in package notify; another
// provider would stand beside it.
package seven
