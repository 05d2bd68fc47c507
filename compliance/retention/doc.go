// Package retention says how long each kind of data is kept and by which rule,
// and erases what has had its time.
//
// The rules are YAML (config/retention): by class of data, country, purpose and
// the event from which they count. Policy.Resolve tells of one record whether it
// may go, and by which chain of rules: a legal hold comes before a statutory
// minimum, that before what the hotel set, that before a country's maximum, and
// all before the default. The same rules become SQL for whole tables.
//
// A run is planned (a dry run that changes nothing), approved by a second person
// where it erases much or more than usual, carried out in batches that survive
// a crash, read back, and certified. It erases what was due when it was
// planned, and refuses when anything but time changed the plan.
//
// Terms are whole days on the hotel's calendar, because that is how laws count.
//
// In the house it is part of the compliance floor. Activities run it, the edge
// and `voicehive retention` steer it.
package retention
