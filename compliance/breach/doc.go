// Package breach keeps the register of personal-data breaches (Articles 33 and
// 34 GDPR) and says what the law's clock asks for: a hotel is told without
// delay, its authority within a number of hours from awareness, in phases where
// not everything is known yet, and every breach stands in the register whether
// somebody had to be told or not.
//
// VoiceHive is the hotels' processor, so the register is the house's own. It
// names hotels and never a guest: texts in which the house's detector finds
// somebody are refused. Nothing in it is ever changed; what was found out later
// is added.
//
// In the house it is part of the compliance floor. The clock runs in a workflow
// of the same name, and reads here what there is still to do.
package breach
