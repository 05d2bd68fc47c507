// Package spoken reads numbers, letters and addresses as people say them, in
// English, German, French, Spanish, Italian, Dutch and Polish: "double five",
// "dreiundzwanzig", "soixante-dix-sept", "B wie Berta", "anna dot berg at".
//
// It turns a token sequence into runs of virtual text (digits, letters, an
// e-mail address) and tells where each was said. It knows nothing of personal
// data: compliance/pii asks it and judges what the runs are.
package spoken
