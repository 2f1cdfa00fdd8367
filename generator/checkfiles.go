package generator

import (
	"errors"
	"fmt"
	gobuild "go/build"
	"go/token"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/internal/diag"
	"github.com/gohostrpc/gohost/internal/protocplugin"
)

// checkFiles returns an error for each file that Go could not build or would
// not include in the build.
func checkFiles(plugin *protogen.Plugin, opts options) error {
	var errs []error
	outputs := make(map[string]*protogen.File)
	files := byPath(withServices(plugin))
	for _, f := range files {
		here := diag.Place{File: f.Desc.Path()}
		filename, importPath, name := opts.output(f)
		if err := checkOutput(filename, name); err != nil {
			errs = append(errs, diag.Errorf(here, "%w", err))
			continue
		}
		if err := checkFolder(filename, importPath, opts); err != nil {
			errs = append(errs, diag.Errorf(goPackagePlace(f.Proto), "%w", err))
			continue
		}
		if edition := f.Proto.GetEdition(); edition > protocplugin.MaximumEdition {
			errs = append(errs, diag.Errorf(here, "edition %v is not supported by this %s, which supports editions up to %v: update it", edition, Name, protocplugin.MaximumEdition))
		}
		if first, taken := outputs[filename]; taken {
			errs = append(errs, diag.Errorf(here, "the output would be %s, which is also the output of %v: rename one of them", filename, diag.Place{File: first.Desc.Path()}))
		}
		outputs[filename] = f
		errs = append(errs, checkMessages(plugin, f, importPath, opts))
	}
	errs = append(errs, checkCycles(plugin, files))
	return errors.Join(errs...)
}

// checkOutput returns an error if Go does not build a file called filename, or
// if name is not a valid package name.
func checkOutput(filename string, name protogen.GoPackageName) error {
	base := path.Base(filename)
	switch {
	case !fs.ValidPath(filename) || strings.ContainsFunc(filename, func(r rune) bool { return r == '\\' || !unicode.IsPrint(r) }):
		return fmt.Errorf("the output would be %q, which is not a path inside the output folder: change the go_package or the parameters", filename)
	case path.Dir(filename) != "." && !isImportPath(path.Dir(filename)):
		return fmt.Errorf("the output would be %q, which is not in a folder that Go can import: change the go_package or the parameters", filename)
	case strings.ContainsRune(" !\"#$%&'()*+,-:;<=>?@[]^`{|}~", rune(base[0])):
		return fmt.Errorf("the output would be %s, and the go command refuses files whose names do not begin with a letter or digit: rename the .proto", base)
	case leftOut(base):
		return fmt.Errorf("the output would be %s, and Go ignores files with such names: rename the .proto", base)
	case !isPackageName(name):
		return fmt.Errorf("%q cannot be the name of a Go package: change what follows the \";\" in go_package", name)
	}
	return nil
}

// checkFolder returns an error if filename is outside the module, or if Go
// cannot import the package from its folder.
func checkFolder(filename string, importPath protogen.GoImportPath, opts options) error {
	if module := opts.set["module"]; module != "" && !strings.HasPrefix(filename, module+"/") {
		return fmt.Errorf("the output would be %s, which is not below module=%s: change the go_package or the parameter", filename, diag.Clean(module))
	}
	if isVendored(string(importPath)) {
		return fmt.Errorf("the Go package would be %s, and Go cannot import a package in a folder called vendor by that path: change the go_package", diag.Clean(string(importPath)))
	}
	return nil
}

// isVendored reports whether Go refuses to import path because of a folder
// called vendor. At the end of path, vendor is a package like any other.
func isVendored(path string) bool { return strings.Contains("/"+path, "/vendor/") }

// warnLeftOut writes a warning for each Go package that "./..." skips because
// the name of a folder begins with "_" or ".". A folder called testdata is
// skipped too, but everybody expects that.
func warnLeftOut(plugin *protogen.Plugin, opts options, warnings io.Writer) {
	warned := make(map[protogen.GoImportPath]bool)
	for _, f := range byPath(withServices(plugin)) {
		filename, importPath, _ := opts.output(f)
		for folder := range strings.SplitSeq(string(importPath)+"/"+path.Dir(filename), "/") {
			if strings.Trim(folder, ".") != "" && strings.ContainsAny(folder[:1], "_.") && !warned[importPath] {
				warned[importPath] = true
				diag.Warn(warnings, goPackagePlace(f.Proto), "Go package %s is in a folder called %s, which the go command excludes from \"./...\": change the go_package",
					diag.Clean(string(importPath)), diag.Clean(folder))
			}
		}
	}
}

// checkMessages returns an error for each file whose messages f uses but the
// package importPath cannot import.
func checkMessages(plugin *protogen.Plugin, f *protogen.File, importPath protogen.GoImportPath, opts options) error {
	var errs []error
	checked := make(map[string]bool)
	for _, s := range f.Services {
		for _, m := range s.Methods {
			for _, message := range []*protogen.Message{m.Input, m.Output} {
				if message.Desc.IsMapEntry() {
					errs = append(errs, mapEntryError(m, message))
					continue
				}
				from := plugin.FilesByPath[message.Desc.ParentFile().Path()]
				if checked[from.Desc.Path()] {
					continue
				}
				checked[from.Desc.Path()] = true
				if err := checkUse(from, importPath, opts); err != nil {
					errs = append(errs, diag.Errorf(diag.Position(m.Desc), "method %s uses %s, %w", m.Desc.FullName(), diag.Describe(message.Desc), err))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// mapEntryError returns the error of m, which uses a map entry: compilers
// accept it, but protoc-gen-go writes no type for it.
func mapEntryError(m *protogen.Method, entry *protogen.Message) error {
	of := diag.Describe(entry.Desc.Parent())
	fields := entry.Desc.Parent().(protoreflect.MessageDescriptor).Fields()
	for i := range fields.Len() {
		if fields.Get(i).Message() == entry.Desc {
			of = diag.Describe(fields.Get(i))
		}
	}
	return diag.Errorf(diag.Position(m.Desc), "method %s uses message %s, the entry of %s, for which there is no Go type: declare a message with the fields key and value",
		m.Desc.FullName(), entry.Desc.FullName(), of)
}

// checkUse returns an error if the package importPath cannot import the Go
// types of f.
func checkUse(f *protogen.File, importPath protogen.GoImportPath, opts options) error {
	here := diag.Place{File: f.Desc.Path()}
	file := path.Base(f.GeneratedFilenamePrefix) + ".pb.go"
	switch {
	case f.GoImportPath == importPath && leftOut(file):
		return fmt.Errorf("which Go ignores because of the file's name, %s: rename %v", file, here)
	case f.GoImportPath == importPath:
		return nil
	case !isImportPath(string(f.GoImportPath)) || isVendored(string(f.GoImportPath)):
		return fmt.Errorf("whose Go package %q cannot be imported: give %v another go_package, such as \"example.com/project/gen\"", string(f.GoImportPath), here)
	case !isPackageName(f.GoPackageName):
		return fmt.Errorf("whose Go package cannot be called %q: change what follows the \";\" in the go_package of %v", f.GoPackageName, here)
	case f.GoPackageName == "main":
		return fmt.Errorf("whose Go package is called main, which cannot be imported: give %v another go_package", here)
	case importName(f.GoImportPath) == "init" && opts.packageSuffix == "":
		return fmt.Errorf("whose Go package protoc-gen-go imports as init, which Go does not allow: give %v another go_package", here)
	}
	return nil
}

// isPackageName reports whether name is a valid name of a Go package.
func isPackageName(name protogen.GoPackageName) bool {
	return token.IsIdentifier(string(name)) && name != "_"
}

// isImportPath reports whether the go command can import path.
func isImportPath(path string) bool {
	for element := range strings.SplitSeq(path, "/") {
		if strings.Trim(element, ".") == "" || strings.HasSuffix(element, ".") {
			return false
		}
	}
	return !strings.ContainsFunc(path, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._~+/", r)
	})
}

// leftOut reports whether Go excludes a file of that name from the build, at
// least on some platforms: "api_windows.pb.go", "_x.go".
func leftOut(name string) bool {
	opened := false // MatchFile opens only files whose names match
	nowhere := gobuild.Context{
		GOOS: "none", GOARCH: "none", Compiler: "gc",
		OpenFile: func(string) (io.ReadCloser, error) {
			opened = true
			return nil, fs.ErrNotExist
		},
	}
	_, _ = nowhere.MatchFile("", name)
	return !opened
}
