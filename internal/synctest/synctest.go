// Package synctest is testing/synctest for the tests of this module, with any Go
// that the module builds with. Go 1.25 has testing/synctest. Go 1.24 has another
// edition of it, if GOEXPERIMENT=synctest is set; if not, tests that need a bubble
// are skipped.
package synctest
