// Package synctest is testing/synctest for the tests of this module, with any Go version
// that the module supports. Go 1.25 has testing/synctest. Go 1.24 has another version of
// it if GOEXPERIMENT=synctest is set; otherwise tests that need a bubble are skipped.
package synctest
