package generator

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/templates"
)

// The packages that generated code always refers to.
const (
	contextPackage = protogen.GoImportPath("context")
	iterPackage    = protogen.GoImportPath("iter")
	grpcPackage    = protogen.GoImportPath("google.golang.org/grpc")
	stubPackage    = protogen.GoImportPath("github.com/gohostrpc/gohost/stub")
)

// parsed are the templates. Their functions are those of imports, which are
// bound again for each file.
var parsed = template.Must(template.New("").Funcs((&imports{}).funcs()).ParseFS(templates.Go, "*.go.tmpl"))

// respond returns the response with the files of models.
//
// protogen formats what is called .go, one file after the other, and that takes
// longer than all else together. The templates write what gofmt would, so its
// files get their names afterwards, unless it is to annotate them.
func respond(plugin *protogen.Plugin, opts options, declared scopes, models map[*protogen.File]file, annotated bool) (*pluginpb.CodeGeneratorResponse, error) {
	ext := ".go"
	if annotated {
		ext = ""
	}
	var renderings []func() error
	for _, f := range withServices(plugin) {
		filename, importPath, _ := opts.output(f)
		g := plugin.NewGeneratedFile(strings.TrimSuffix(filename, ext), importPath)
		renderings = append(renderings, func() error {
			return render(g, newImports(importPath, declared[importPath], models[f]), models[f])
		})
	}
	if err := atOnce(renderings); err != nil {
		return nil, err
	}
	res := plugin.Response()
	for _, f := range res.GetFile() {
		f.Name = proto.String(f.GetName() + ext)
	}
	return res, nil
}

// render writes model to g.
func render(g *protogen.GeneratedFile, imports *imports, model file) error {
	model.Imports = imports.specs()
	t, err := parsed.Clone()
	if err != nil {
		return err
	}
	if err := t.Funcs(imports.funcs()).ExecuteTemplate(g, "file.go.tmpl", model); err != nil {
		return fmt.Errorf("%s: %w", model.Source, err)
	}
	annotate(g, model)
	return nil
}

// atOnce calls fs, as many at a time as there are processors, and returns their errors.
func atOnce(fs []func() error) error {
	errs := make([]error, len(fs))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(fs); i = int(next.Add(1)) - 1 {
				errs[i] = fs[i]()
			}
		})
	}
	workers.Wait()
	return errors.Join(errs...)
}
