// Package objectstest holds the contracts that every side of package objects
// keeps, and a fake S3 server in memory. Folders and the fake are tested by the
// product's own tests; the module in the folder objectstest at the root of the
// repository runs the same on a real server, which shows that the fake is right.
package objectstest
