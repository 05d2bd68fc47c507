// Package erasure plans, carries out and proves the erasure of people: which
// records there are of a case's people in every class of the register, what the
// law says of each, what was erased where, and what is kept and why.
//
// A plan gives every record a verdict. What is executed is checked again in the
// transaction that deletes: a legal hold and a stay that lies ahead win over any
// plan. The read-back at the end is a plan too, made from what is there then:
// as long as it says "erase" of anything, the erasure is not over.
//
// The journal holds the random ids of all scopes that were erased, in the keys'
// database and mirrored in the main one. Where the two disagree one of them was
// restored from a backup, and no process opens before Replay has erased again
// what came back.
//
// In the house it is part of the compliance floor, above subjects, keys,
// retention and holds. The activities of the same name carry it out step by
// step.
package erasure
