// Package compilers lets what people compile .proto files with import
// gohost/v1/options.proto: every protoc, buf, and the generated code of Python.
package compilers
