// Command protoc-gen-gohost is a plugin of protoc and buf. For each service of
// a .proto it generates a gRPC stub and a server binding for Go. A stream is a Go
// iterator, and the service knows its host.
//
// With buf, in buf.gen.yaml:
//
//	plugins:
//	  - local: protoc-gen-gohost
//	    out: gen
//	    opt: paths=source_relative
//
// With protoc:
//
//	protoc --go_out=gen --gohost_out=gen --gohost_opt=paths=source_relative square.proto
//
// For square.proto it writes square_gohost.pb.go, into the package of the
// messages that protoc-gen-go writes into square.pb.go. A file without services
// gives no output. The output depends only on the .proto files and the parameters.
//
// A .proto that declares a host imports gohost/v1/options.proto, which is in the
// folder proto of this module. "protoc-gen-gohost --export-proto DIR" writes it.
//
// Parameters, separated by commas:
//
//	paths=import           write to the folder of the Go import path (the default)
//	paths=source_relative  write next to the .proto
//	module=PREFIX          strip PREFIX from the folder of the Go import path
//	MFILE=PATH             the Go import path of FILE, instead of its go_package
//	package_suffix=SUFFIX  write into a package of its own, in a sub-folder: the
//	                       name of the messages' package and SUFFIX
//	host_template=HOST     the host of services that declare none, such as
//	                       {service}.example. Placeholders are {service}, the name in
//	                       kebab-case (order-service), {service_short}, the same without
//	                       a final -service (order), {package} and {package_dashed}
//	default_host=ignore    do not read google.api.default_host
//	annotate_code          write FILE.meta next to each FILE: it maps declarations to
//	                       the .proto, for editors and code browsers
package main

import (
	"os"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/protocplugin"
)

func main() {
	command := protocplugin.Command{Name: generator.Name, Usage: usage, Generate: generator.Generate}
	os.Exit(command.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
