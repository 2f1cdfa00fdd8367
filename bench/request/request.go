// Package request makes large requests to plugins: many services that follow buf's
// rules.
package request

import (
	"cmp"
	"fmt"
	"strings"

	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/plugintest"
)

// options is the file of the options, as far as the services need it.
const options = `
syntax = "proto3";
package gohost.v1;
import "google/protobuf/descriptor.proto";
option go_package = "github.com/gohostrpc/gohost/proto/gohost/v1;gohostv1";
message ServiceOptions { string host = 1; repeated string aliases = 2; }
message MethodOptions { string host = 1; }
extend google.protobuf.ServiceOptions { ServiceOptions service = 81750; }
extend google.protobuf.MethodOptions { MethodOptions method = 81750; }
`

// Make returns a request to generate count services, each in its own file, with
// comments, a host, a method of each kind, and separate messages for each method. They
// are all in the Go package goPackage or, if that is "", each in its own.
func Make(count int, goPackage string) (*pluginpb.CodeGeneratorRequest, error) {
	sources := map[string]string{"gohost/v1/options.proto": options}
	files := make([]string, count)
	for i := range count {
		files[i] = fmt.Sprintf("acme/shop%04d/v1/shop%04d.proto", i, i)
		sources[files[i]] = source(i, cmp.Or(goPackage, fmt.Sprintf("example.com/acme/shop%04[1]d/v1;shop%04[1]dv1", i)))
	}
	return plugintest.RequestFromSources("paths=source_relative", sources, files...)
}

// Methods are the methods of each service: unary, server streaming, client streaming
// and bidirectional.
var Methods = [4]string{"GetThing", "WatchThings", "UploadThings", "TradeThings"}

// Service returns the name of the service with index i.
func Service(i int) string { return fmt.Sprintf("Shop%04dService", i) }

func source(i int, goPackage string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `// Copyright Acme.
syntax = "proto3";

package acme.shop%04[1]d.v1;

import "gohost/v1/options.proto";

option go_package = %[2]q;

// %[3]s sells things, and tells what happens to them.
//
// It is one of many.
service %[3]s {
  option (gohost.v1.service) = {host: "shop-%[1]d.example"};

`, i, goPackage, Service(i))
	message := func(method, suffix string) string { return fmt.Sprintf("Shop%04d%s%s", i, method, suffix) }
	for kind, name := range Methods {
		var sends, returns string
		if kind&1 != 0 {
			returns = "stream "
		}
		if kind&2 != 0 {
			sends = "stream "
		}
		request := message(name, "Request")
		fmt.Fprintf(&b, "  // %s is about things.\n  // It takes a %s.\n  rpc %s(%s%s) returns (%s%s);\n",
			name, request, name, sends, request, returns, message(name, "Response"))
	}
	b.WriteString("}\n")
	for _, name := range Methods {
		for _, suffix := range []string{"Request", "Response"} {
			fmt.Fprintf(&b, `
// %[1]s belongs to %[2]s.
message %[1]s {
  // The name of the thing.
  string name = 1;
  int64 count = 2; // How many.
  // Whatever there is to say.
  bytes data = 3;
}
`, message(name, suffix), name)
		}
	}
	return b.String()
}
