package generator

import (
	"errors"
	"io"

	"google.golang.org/protobuf/compiler/protogen"
)

// check returns the names that are declared in the Go packages, and all errors
// of the files to generate, except those of hosts. It writes what may surprise
// to warnings.
func check(plugin *protogen.Plugin, opts options, warnings io.Writer) (scopes, error) {
	names, err := checkNames(plugin, opts)
	warnLeftOut(plugin, opts, warnings)
	warnBesideGRPC(plugin, names, warnings)
	return names, errors.Join(err, checkFiles(plugin, opts), checkOptionsPackage(plugin, opts), checkFileOptions(plugin, opts, warnings))
}
