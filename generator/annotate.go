package generator

import "google.golang.org/protobuf/compiler/protogen"

// annotate links each declaration of model to its service or method in the
// .proto. With the parameter annotate_code protogen writes the links into a
// .meta file for editors and code browsers.
func annotate(g *protogen.GeneratedFile, model *file) {
	for _, s := range model.Services {
		at := protogen.Annotation{Location: s.Location}
		for _, symbol := range s.declared() {
			g.AnnotateSymbol(symbol, at)
		}
		g.AnnotateSymbol(s.Stub+"."+s.With, at)
		for _, m := range s.Methods {
			at := protogen.Annotation{Location: m.Location}
			g.AnnotateSymbol(m.Const, at)
			g.AnnotateSymbol(m.Handler, at)
			if m.Host != "" {
				g.AnnotateSymbol(m.HostConst, at)
			}
			for _, receiver := range []string{s.Interface, s.Stub, s.Unimplemented} {
				g.AnnotateSymbol(receiver+"."+m.GoName, at)
			}
		}
	}
}
