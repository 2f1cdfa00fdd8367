package generator

import (
	"fmt"
	"strings"
	"text/template"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/templates"
)

// The packages to which generated code always refers.
const (
	contextPackage = protogen.GoImportPath("context")
	iterPackage    = protogen.GoImportPath("iter")
	grpcPackage    = protogen.GoImportPath("google.golang.org/grpc")
	stubPackage    = protogen.GoImportPath("github.com/gohostrpc/gohost/stub")
)

var parsed = template.Must(template.New("").ParseFS(templates.Go, "*.go.tmpl"))

// renderAll returns the response with the files of models. Each file with
// services has a model.
//
// protogen formats each file called .go, one after the other, which takes
// longer than everything else. The templates write code as gofmt would, so the
// files get their names afterwards, unless protogen annotates them.
func renderAll(plugin *protogen.Plugin, opts options, names scopes, models []file) (*pluginpb.CodeGeneratorResponse, error) {
	ext := ".go"
	if opts.annotates() {
		ext = ""
	}
	files := withServices(plugin)
	generated := make([]*protogen.GeneratedFile, len(files))
	for i, f := range files {
		filename, importPath, _ := opts.output(f)
		generated[i] = plugin.NewGeneratedFile(strings.TrimSuffix(filename, ext), importPath)
	}
	err := inParallel(len(files), func(i int) error {
		_, importPath, _ := opts.output(files[i])
		newImports(importPath, names[importPath], models[i]).name(&models[i])
		return render(generated[i], &models[i])
	})
	if err != nil {
		return nil, err
	}
	res := plugin.Response()
	for _, f := range res.GetFile() {
		f.Name = proto.String(f.GetName() + ext)
	}
	return res, nil
}

// render writes model to g.
func render(g *protogen.GeneratedFile, model *file) error {
	if err := parsed.ExecuteTemplate(g, "file.go.tmpl", model); err != nil {
		return fmt.Errorf("%s: %w", model.Source, err)
	}
	annotate(g, model)
	return nil
}
