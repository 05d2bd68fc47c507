package code

// Digits draws a code's digits.
var Digits = digits
