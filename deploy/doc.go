// Package deploy holds what containers are made of: the images, and what the
// compose file at the root needs for development. Its tests check them.
//
// It stands beside the floors and imports nothing of ours.
package deploy
