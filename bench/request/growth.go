package request

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/plugintest"
)

// Of returns a request to generate one file with body after its header, and with the
// given parameter.
func Of(body, parameter string) (*pluginpb.CodeGeneratorRequest, error) {
	return plugintest.RequestFromSources(parameter, map[string]string{
		"gohost/v1/options.proto": options,
		"large.proto": `syntax = "proto3";
package large;
import "gohost/v1/options.proto";
option go_package = "example.com/large";
message M {}
` + body,
	}, "large.proto")
}

// each concatenates the texts that f writes for 0 to count-1.
func each(count int, f func(b *strings.Builder, i int)) string {
	var b strings.Builder
	for i := range count {
		f(&b, i)
	}
	return b.String()
}

// PlainMethods returns a service with count methods.
func PlainMethods(count int) string {
	return "service Large {\n" + each(count, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "  // Get%d gets it.\n  rpc Get%[1]d(M) returns (M);\n", i)
	}) + "}\n"
}

// MethodsWithHosts is like PlainMethods, but each method has its own host.
func MethodsWithHosts(count int) string {
	return "service Large {\n" + each(count, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "  // Get%d gets it.\n  rpc Get%[1]d(M) returns (M) {\n    option (gohost.v1.method).host = \"get%[1]d.example\";\n  }\n", i)
	}) + "}\n"
}

// ServicesWithHosts returns count services, each with a host and a method.
func ServicesWithHosts(count int) string {
	return each(count, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "service Large%d {\n  option (gohost.v1.service).host = \"large%[1]d.example\";\n  rpc Get(M) returns (M);\n}\n", i)
	})
}

// Aliases returns a service with count aliases.
func Aliases(count int) string {
	return "service Large {\n  option (gohost.v1.service) = {\n    host: \"large.example\"\n    aliases: [\n" + each(count, func(b *strings.Builder, i int) {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(b, "      \"alias%d.example\"", i)
	}) + "\n    ]\n  };\n  rpc Get(M) returns (M);\n}\n"
}

// HostsByTurns returns count services. Each has two hosts, and each host has two
// services: no two hosts have the same routes.
func HostsByTurns(count int) string {
	return each(count, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "service Large%d {\n  option (gohost.v1.service) = {host: \"host%[1]d.example\", aliases: [\"host%[2]d.example\"]};\n  rpc Get(M) returns (M);\n}\n", i, i+1)
	})
}
