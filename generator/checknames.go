package generator

import (
	"cmp"
	"errors"
	"slices"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/internal/diag"
)

// scopes holds the names in Go packages, as far as the request has them.
type scopes map[protogen.GoImportPath]scope

// scope maps each name to the first element with it.
type scope map[string]element

// checkNames returns the declared names by package, and an error for every two
// protobuf elements that would get the same Go name in generated code.
func checkNames(plugin *protogen.Plugin, opts options) (scopes, error) {
	files := byPath(plugin.Files)
	packages := make(scopes)
	for _, f := range withServices(plugin) {
		_, path, _ := opts.output(f)
		packages[path] = make(scope)
	}
	beside := slices.DeleteFunc(slices.Clone(files), func(f *protogen.File) bool { return packages[f.GoImportPath] == nil })
	for _, f := range beside {
		// protoc-gen-go handles two messages with the same Go name.
		packages.declare(f.GoImportPath, messageElements(plugin, f))
	}
	for _, f := range beside {
		// No file of the package may declare the name of an import.
		packages.declare(f.GoImportPath, importElements(plugin, f))
	}
	var errs []error
	for _, f := range files {
		_, path, _ := opts.output(f)
		if packages[path] == nil {
			continue // nothing is generated there
		}
		for _, s := range f.Services {
			for _, c := range packages.declare(path, serviceElements(s, opts)) {
				// Files of one package may be generated one at a time.
				if f.Generate || plugin.FilesByPath[c.first.desc.ParentFile().Path()].Generate {
					errs = append(errs, c.error(opts, "in Go package "+diag.Clean(string(path))))
				}
			}
			if f.Generate {
				errs = append(errs, checkMethods(s, opts))
			}
		}
	}
	return packages, errors.Join(errs...)
}

// byPath returns files sorted by path, so that errors do not depend on the
// order of the request.
func byPath(files []*protogen.File) []*protogen.File {
	return slices.SortedFunc(slices.Values(files), func(a, b *protogen.File) int {
		return cmp.Compare(a.Desc.Path(), b.Desc.Path())
	})
}

// declare adds elements to the package path. It returns those that share a name
// with an earlier one: one clash per pair of elements, and none for the methods
// of services that clash.
func (s scopes) declare(path protogen.GoImportPath, elements []element) []clash {
	var clashes []clash
	reported := make(map[[2]protoreflect.Descriptor]bool)
	for _, e := range elements {
		first, taken := s[path][e.goName]
		if !taken {
			s[path][e.goName] = e
			continue
		}
		pair := [2]protoreflect.Descriptor{first.desc, e.desc}
		parents := [2]protoreflect.Descriptor{first.desc.Parent(), e.desc.Parent()}
		if first.desc != e.desc && !reported[pair] && !reported[parents] {
			reported[pair] = true
			clashes = append(clashes, clash{first, e})
		}
	}
	return clashes
}

// clash holds two elements with the same name.
type clash struct{ first, second element }

func (c clash) error(opts options, where string) error {
	return diag.Errorf(diag.Position(c.second.desc), "%v and %v both get the Go name %s %s: %s",
		c.second, c.first, c.second.goName, where, c.advice(opts))
}

// advice says how to avoid the clash.
func (c clash) advice(opts options) string {
	files := [2]string{diag.Clean(c.first.desc.ParentFile().Path()), diag.Clean(c.second.desc.ParentFile().Path())}
	apart := ", or keep them apart by the parameter package_suffix, which gives the stubs a package of their own"
	if opts.packageSuffix != "" {
		apart = ", or choose another package_suffix"
	}
	switch {
	case c.first.role == importRole:
		return "rename the service, give " + files[0] + " a go_package that ends in another name" + apart
	case !c.first.generated():
		return "rename one of them" + apart
	case c.first.desc.Parent() == c.second.desc.Parent() && diag.Kind(c.first.desc) == "method":
		return "rename one of them"
	case files[0] == files[1]:
		return "rename one of them, or move one service to a .proto with another go_package"
	}
	return "rename one of them, or give " + files[0] + " or " + files[1] + " another go_package"
}

// generated reports whether we declare a name for e.
func (e element) generated() bool {
	switch e.desc.(type) {
	case protoreflect.ServiceDescriptor, protoreflect.MethodDescriptor:
		return true
	}
	return false
}

// checkMethods returns an error for every two methods of s with the same Go
// name.
func checkMethods(s *protogen.Service, opts options) error {
	var errs []error
	methods := make(map[string]element)
	for _, m := range s.Methods {
		e := element{goName: m.GoName, desc: m.Desc}
		if first, taken := methods[m.GoName]; taken {
			errs = append(errs, clash{first, e}.error(opts, "in "+string(s.Desc.FullName())))
			continue
		}
		methods[m.GoName] = e
	}
	return errors.Join(errs...)
}

func (e element) String() string {
	s := diag.Describe(e.desc)
	if e.role != "" {
		s = e.role + " of " + s
	}
	return s
}
