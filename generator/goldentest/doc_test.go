// Package goldentest calls the code in testdata that protoc-gen-gohost has
// generated: it compiles, and does what its .proto says. It stands beside the
// golden test, which must run while the golden files are broken.
package goldentest
