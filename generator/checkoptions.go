package generator

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gohostrpc/gohost/internal/diag"
	gohostv1 "github.com/gohostrpc/gohost/proto/gohost/v1"
)

// checkOptionsPackage returns an error for each file with gohost's options that
// a file to generate, or one of its imports, sees in another Go package than
// ours. The output of protoc-gen-go then imports that package, which registers
// the options a second time: a program that also has ours panics at startup.
func checkOptionsPackage(plugin *protogen.Plugin, opts options) error {
	var errs []error
	checked := make(map[string]bool)
	for _, f := range plugin.Files {
		file := opts.hosts.OptionsPath(f.Desc.Path())
		declaring := plugin.FilesByPath[file] // nil if imported only for options: then no Go code imports it
		if checked[file] || declaring == nil {
			continue
		}
		checked[file] = true
		ours := ourPackage()
		if declaring.GoImportPath == ours {
			continue
		}
		errs = append(errs, diag.Errorf(goPackagePlace(declaring.Proto), "the Go package of gohost's options is %v instead of %v, and a program with both panics when it starts: %s",
			declaring.GoImportPath, ours, optionsPackageAdvice(file, opts)))
	}
	return errors.Join(errs...)
}

// ourPackage returns the import path of the Go package with the options.
func ourPackage() protogen.GoImportPath {
	ours := gohostv1.File_gohost_v1_options_proto.Options().(*descriptorpb.FileOptions).GetGoPackage()
	importPath, _, _ := strings.Cut(ours, ";")
	return protogen.GoImportPath(importPath)
}

// managedMode makes buf keep the Go package of the path that follows.
const managedMode = `
managed:
  disable:
    - file_option: go_package
      path: `

// optionsPackageAdvice says what to do if file, which has the options, has
// another Go package.
func optionsPackageAdvice(file string, opts options) string {
	flag := "M" + file
	if _, ok := opts.set[flag]; ok {
		return fmt.Sprintf("remove the parameter %s", diag.Clean(flag))
	}
	return "replace the file by what the plugin writes with --export-proto or, if buf's managed mode has changed it, add to buf.gen.yaml:" +
		managedMode + diag.Clean(path.Dir(file))
}

// checkFileOptions returns the errors in the options of files that have no
// services and so no output: they may get services later.
func checkFileOptions(plugin *protogen.Plugin, opts options, warnings io.Writer) error {
	var errs []error
	for _, f := range plugin.Files {
		if f.Generate && len(f.Services) == 0 {
			_, err := opts.hosts.InFile(f.Desc, warnings)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
