// Package io has the name of another package.
package io

// Reader is not the Reader of the other package.
type Reader struct{}
