// Package compilers imports gohost/v1/options.proto with the tools that compile .proto
// files: every protoc, buf, and the generated code of Python.
package compilers
