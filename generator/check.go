package generator

import (
	"cmp"
	"errors"
	"slices"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/internal/source"
)

// scopes are the names in Go packages, as far as the request tells.
type scopes map[protogen.GoImportPath]scope

// scope has the first element with each name.
type scope map[string]element

// checkNames returns the names that are declared where, and an error for every
// two protobuf elements that would become one Go name in what is generated.
func checkNames(plugin *protogen.Plugin, opts options) (scopes, error) {
	// What is found does not depend on the order of the request.
	files := slices.SortedFunc(slices.Values(plugin.Files), func(a, b *protogen.File) int {
		return cmp.Compare(a.Desc.Path(), b.Desc.Path())
	})
	packages := make(scopes)
	for _, f := range withServices(plugin) {
		_, path, _ := opts.output(f)
		packages[path] = make(scope)
	}
	beside := slices.DeleteFunc(slices.Clone(files), func(f *protogen.File) bool { return packages[f.GoImportPath] == nil })
	for _, f := range beside {
		// Two messages with one Go name are the matter of protoc-gen-go.
		packages.declare(f.GoImportPath, messageElements(plugin, f))
	}
	for _, f := range beside {
		// The name of an import is none that the package may declare, in
		// whatever file.
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
					errs = append(errs, c.error(opts, "in Go package "+source.Clean(string(path))))
				}
			}
			if f.Generate {
				errs = append(errs, checkMethods(s, opts))
			}
		}
	}
	return packages, errors.Join(errs...)
}

// declare adds elements to the package path. It returns those that share a
// name with an earlier one. One is enough for two that share many names, and
// for the methods of services that do.
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

// clash are two elements with one name.
type clash struct{ first, second element }

func (c clash) error(opts options, where string) error {
	advice := "rename one of them"
	switch c.first.desc.(type) {
	case protoreflect.ServiceDescriptor, protoreflect.MethodDescriptor:
	default:
		if opts.packageSuffix == "" {
			advice += ", or keep them apart by the parameter package_suffix, which gives the stubs a package of their own"
		}
	}
	return source.Errorf(source.Position(c.second.desc), "%v and %v both get the Go name %s %s: %s",
		c.second, c.first, c.second.goName, where, advice)
}

// checkMethods returns an error for every two methods of s with one Go name.
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
	s := source.Describe(e.desc)
	if e.role != "" {
		s = e.role + " of " + s
	}
	return s
}
