// Package documents writes the papers that data protection law asks for: the
// register of processing, the impact assessment, the assessment of interests,
// the processing agreement and what goes with them.
//
// Templates hold the prose; every fact that the code knows (what lies where,
// who gets it, how long it is kept, what callers hear) is filled in from the
// same data that the code runs on. A test builds them again and fails when one
// differs from what is in docs/compliance, so a paper cannot lag behind the
// program. What a lawyer has to decide is marked and never decided here.
//
// It stands on the compliance floor.
package documents
