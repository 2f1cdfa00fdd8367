package doctest

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// obvious lists the exported names that need no example, and why.
var obvious = map[string]string{
	"gohost.CheckMode":           "in that of NewHostCheck",
	"gohost.HostCheckOption":     "in that of NewHostCheck",
	"gohost.WithLogger":          "an option of NewHostCheck",
	"gohost.AlsoAccept":          "in that of NewHostCheck",
	"gohost.AcceptOption":        "in that of NewHostCheck",
	"gohost.CredentialsOption":   "in that of Credentials",
	"gohost.HostCheck":           "in that of NewHostCheck",
	"gohost.Declare":             "in that of Lookup",
	"gohost.ServiceHosts":        "in that of Lookup",
	"gohost.MethodHost":          "a part of ServiceHosts",
	"gohost.StreamGuard":         "in that of UnaryGuard",
	"gohost.VirtualHost":         "in that of Mux",
	"stream.Chan":                "in that of ToChan",
	"stream.Conversation":        "in that of Open",
	"stream.ResumeIf":            "in that of ResumeOption",
	"stream.ResumeBackoff":       "in that of ResumeOption",
	"stream.ResumeAttempts":      "in that of ResumeOption",
	"stream.OnResume":            "in that of ResumeOption",
	"stream.Resumption":          "in that of ResumeOption",
	"drain.Server":               "in that of NewServer",
	"drain.Options":              "in that of NewServer",
	"drain.Done":                 "in that of NewServer",
	"drain.Context":              "in that of NewServer",
	"drain.NewHTTP":              "in that of HTTP",
	"gateway.Codec":              "in that of Raw",
	"gateway.Errors":             "in that of Raw",
	"gateway.Forward":            "in that of Conn",
	"gateway.ForwardOnly":        "Forward without a default",
	"gateway.Frame":              "for interceptors of raw gateways",
	"gateway.HostBy":             "in that of Raw",
	"gateway.HostFunc":           "in that of Raw",
	"gateway.IncomingHost":       "used as TenantOfHost is",
	"gateway.Option":             "in that of Raw",
	"gateway.TenantOfHost":       "in that of Raw",
	"gateway.TenantOfMetadata":   "used as TenantOfHost is",
	"gateway.Withhold":           "used as Forward is",
	"connscale.Connection":       "a part of Stats",
	"connscale.Options":          "in those of Client",
	"connscale.Stats":            "in that of Client",
	"vtcodec.Codec":              "in that of the package",
	"gohostconnect.NewConn":      "in that of the package",
	"gohostconnect.NewHandler":   "in that of the package",
	"gohostconnect.NewRegistrar": "in that of the package",
	"gohostconnect.NewTransport": "in that of the package",
	"gohostconnect.Option":       "in that of Registrar",
	"gohostconnect.Transport":    "in that of the package",

	"gohostconnect.StreamInterceptors": "in that of Registrar",
	"gohostconnect.UnaryInterceptors":  "in that of Registrar",

	"stream.FirstRequestWithinInterceptor": "FirstRequestWithin for other servers",
	"stream.RequestsWithinInterceptor":     "RequestsWithin for other servers",

	"stream.SlowPolicy":          "in that of Topic",
	"stream.TopicOptions":        "in that of Topic",
	"stream.NewTopic":            "in that of Topic",
	"stub.Stub":                  "for generated code",
	"stub.New":                   "for generated code",
	"stub.ServiceHosts":          "for generated code",
	"stub.MethodHost":            "for generated code",
	"stub.Register":              "for generated code",
	"stub.Unary":                 "for generated code",
	"stub.Make":                  "for generated code",
	"stub.ServerStreaming":       "for generated code",
	"stub.ClientStreaming":       "for generated code",
	"stub.BidiStreaming":         "for generated code",
	"stub.HandleUnary":           "for generated code",
	"stub.HandleServerStreaming": "for generated code",
	"stub.HandleClientStreaming": "for generated code",
	"stub.HandleBidiStreaming":   "for generated code",
	"stub.Unimplemented":         "for generated code",
	"stub.UnimplementedSeq":      "for generated code",
	"proxy.Generate":             "that of generator is the same",
	"gohostv1.FileOptions":       "a message",
	"gohostv1.MethodOptions":     "a message",
	"gohostv1.ServiceOptions":    "a message",
}

// Each package has a comment, and each function and type that is not obvious
// has an example.
func TestExamples(t *testing.T) {
	t.Parallel()
	unused := make(map[string]bool)
	for name := range obvious {
		unused[name] = true
	}
	for _, dir := range []string{".", "stream", "drain", "gateway", "connscale", "vtcodec", "gohostconnect", "stub", "generator", "generator/proxy", "templates", "proto/gohost/v1"} {
		pkg := parsePackage(t, dir)
		if !strings.HasPrefix(pkg.Doc, "Package "+pkg.Name+" ") {
			t.Errorf("%s: the comment of the package does not begin with its name", dir)
		}
		check := func(name string, examples []*doc.Example) {
			full := pkg.Name + "." + name
			delete(unused, full)
			if ast.IsExported(name) && obvious[full] == "" && len(examples) == 0 {
				t.Errorf("%s has no example", full)
			}
		}
		for _, f := range pkg.Funcs {
			check(f.Name, f.Examples)
		}
		for _, typ := range pkg.Types {
			examples := slices.Clone(typ.Examples)
			for _, m := range typ.Methods {
				examples = append(examples, m.Examples...)
			}
			check(typ.Name, examples)
			for _, f := range typ.Funcs {
				check(f.Name, f.Examples)
			}
		}
	}
	for name := range unused {
		t.Errorf("%s is listed as obvious, but there is no such name", name)
	}
}

// parsePackage returns the documentation of the package in dir, as pkg.go.dev
// shows it.
func parsePackage(t *testing.T, dir string) *doc.Package {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	entries, err := os.ReadDir(filepath.Join(root, dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".go" {
			continue
		}
		f, err := parser.ParseFile(fset, filepath.Join(root, dir, e.Name()), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	pkg, err := doc.NewFromFiles(fset, files, module+"/"+dir)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}
