package generator

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/diag"
)

// goPackageErrors returns an error for each file of req whose Go package is
// missing, is not an import path, or has another name than in another file.
// protogen refuses these too, but reports only one, at random and without a
// place. So this is called when protogen has refused req.
func goPackageErrors(req *pluginpb.CodeGeneratorRequest, opts options) []error {
	type named struct {
		name  string
		place diag.Place
	}
	packages := make(map[string]named)
	var errs []error
	for _, f := range slices.SortedFunc(slices.Values(req.GetProtoFile()), func(a, b *descriptorpb.FileDescriptorProto) int {
		return cmp.Compare(a.GetName(), b.GetName())
	}) {
		here := goPackagePlace(f)
		optionPath, optionName, _ := strings.Cut(f.GetOptions().GetGoPackage(), ";")
		flagPath, flagName, _ := strings.Cut(opts.set["M"+f.GetName()], ";")
		importPath := cmp.Or(flagPath, optionPath)
		switch {
		case importPath == "":
			errs = append(errs, diag.Errorf(here, "no Go package: add option go_package = \"example.com/project/gen\", or the parameter M%s=example.com/project/gen", diag.Clean(f.GetName())))
			continue
		case !strings.ContainsAny(importPath, "./"):
			errs = append(errs, diag.Errorf(here, "invalid Go import path %q: it needs a \".\" or \"/\", as in \"example.com/project/%s\"", importPath, diag.Clean(importPath)))
			continue
		}
		name := cmp.Or(flagName, optionName, importName(protogen.GoImportPath(cmp.Or(optionPath, importPath))))
		first, ok := packages[importPath]
		if !ok {
			packages[importPath] = named{name, here}
		} else if first.name != name {
			errs = append(errs, diag.Errorf(here, "Go package %s is called %s here and %s in %v: use one name", diag.Clean(importPath), diag.Clean(name), diag.Clean(first.name), first.place))
		}
	}
	return errs
}

// goPackagePlace returns the place of f's go_package.
func goPackagePlace(f *descriptorpb.FileDescriptorProto) diag.Place {
	const options, goPackage = 8, 11 // the numbers of the fields in FileDescriptorProto and FileOptions
	for _, l := range f.GetSourceCodeInfo().GetLocation() {
		if slices.Equal(l.GetPath(), []int32{options, goPackage}) && len(l.GetSpan()) >= 3 {
			return diag.PlaceAt(f.GetName(), int(l.GetSpan()[0]), int(l.GetSpan()[1]))
		}
	}
	return diag.Place{File: f.GetName()}
}
