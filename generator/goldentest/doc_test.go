// Package goldentest calls the generated code in testdata: it compiles, and
// does what its .proto says. It is apart from the golden test, which must run
// even if the golden files are broken.
package goldentest
