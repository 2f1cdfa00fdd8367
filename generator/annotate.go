package generator

import "google.golang.org/protobuf/compiler/protogen"

// annotate says of each declaration of model which service or method of the
// .proto it is for. With the parameter annotate_code protogen writes that into a
// .meta file, by which editors and code browsers find the way.
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
