package generator

import (
	"fmt"
	"go/token"
	"path"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"

	"github.com/gohostrpc/gohost/internal/diag"

	"github.com/gohostrpc/gohost/internal/declared"
)

// options are the parameters of the plugin.
type options struct {
	packageSuffix string // "" to generate into the package of the messages
	hosts         declared.Request
	set           map[string]string // all parameters, by their names
}

// annotates reports whether annotate_code is set.
func (o options) annotates() bool {
	value, ok := o.set["annotate_code"]
	return ok && value != "false"
}

// setParameter sets the parameter name, if it is one of ours.
func (o *options) setParameter(name, value string) error {
	if known, err := checkStandard(name, value); known {
		return err
	}
	if name == "package_suffix" {
		if !token.IsIdentifier(value) {
			return fmt.Errorf("package_suffix=%s: %q is not a Go identifier: the name of the generated package ends in it, as in \"rpc\"", diag.Clean(value), value)
		}
		o.packageSuffix = value
		return nil
	}
	if known, err := o.hosts.Set(name, value); known {
		return err
	}
	return fmt.Errorf("unknown parameter %q: allowed are package_suffix, host_template, default_host and those of every Go plugin: paths, module, M<file>, annotate_code, default_api_level, apilevelM<file>", name)
}

// output returns where the stubs of f go: the path of the file, and the import
// path and the name of its package.
func (o options) output(f *protogen.File) (filename string, importPath protogen.GoImportPath, name protogen.GoPackageName) {
	const suffix = "_gohost.pb.go"
	dir, base := path.Split(f.GeneratedFilenamePrefix)
	if flat := strings.ReplaceAll(base, ".", "_"); leftOut(base+suffix) && !leftOut(flat+suffix) {
		base = flat // for Go, "x_windows.v1" is like "x_windows"
	}
	if o.packageSuffix == "" {
		return dir + base + suffix, f.GoImportPath, f.GoPackageName
	}
	name = f.GoPackageName + protogen.GoPackageName(o.packageSuffix)
	if strings.HasPrefix(string(name), "_") {
		// protogen puts it in front of a digit or keyword; "./..." leaves such a folder out.
		name = "x" + name
	}
	return path.Join(dir, string(name), base+suffix), protogen.GoImportPath(path.Join(string(f.GoImportPath), string(name))), name
}
