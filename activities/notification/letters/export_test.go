package letters

// Samples fill in every field of every kind.
var Samples = samples
