package generator_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// withOptions generates a file with body after its header, which imports our
// options. It returns the output, the error and the warnings.
func withOptions(t *testing.T, parameter, body string) (output, failure, warnings string) {
	t.Helper()
	options, err := os.ReadFile("../proto/gohost/v1/options.proto")
	if err != nil {
		t.Fatal(err)
	}
	req, err := plugintest.RequestFromSources(plugintest.Join("paths=source_relative", parameter), map[string]string{
		"gohost/v1/options.proto": string(options),
		"a.proto": `syntax = "proto3"; package acme.v1; import "gohost/v1/options.proto"; option go_package = "example.com/a"; message M {}
` + body,
	}, "a.proto")
	if err != nil {
		t.Fatal(err)
	}
	var w bytes.Buffer
	res := generator.Generate(req, &w)
	files, err := plugintest.Files(res)
	if err != nil {
		return "", err.Error(), w.String()
	}
	return files["a_gohost.pb.go"], "", w.String()
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		parameter string
		body      string
		want      []string // the warnings, in order
	}{
		"none": {body: `service S { option (gohost.v1.service).host = "s.example"; }
service T {}
service U {}`},
		"underscore": {body: `service S { option (gohost.v1.service).host = "s_1.example"; }`,
			want: []string{`a.proto:2:13: warning: service acme.v1.S: host "s_1.example" has an underscore`}},
		"single label": {body: `service S { option (gohost.v1.service) = {host: "s.example", aliases: ["square"]}; }`,
			want: []string{`a.proto:2:13: warning: service acme.v1.S: host "square" has a single label`}},
		"wildcard of a single label": {body: `service S { option (gohost.v1.service) = {aliases: ["*.example"]}; }`,
			want: []string{`host "example" has a single label`}},
		"of a method": {body: `service S { rpc A(M) returns (M) { option (gohost.v1.method).host = "bulk"; } }`,
			want: []string{`a.proto:2:36: warning: method acme.v1.S.A: host "bulk" has a single label`}},
		"shared": {body: `service S { option (gohost.v1.service).host = "s.example"; }
service T { option (gohost.v1.service).host = "s.example"; }`,
			want: []string{`a.proto:2:13: warning: service acme.v1.S: host "s.example" is also that of acme.v1.T (a.proto:3:1): a proxy that routes only by host sends all calls to one backend`}},
		"two hosts, each shared by three": {body: `service S { option (gohost.v1.service).host = "s.example"; }
service T { option (gohost.v1.service).host = "t.example"; }
service T2 { option (gohost.v1.service).host = "t.example"; }
service S2 { option (gohost.v1.service).host = "s.example"; }
service S3 { option (gohost.v1.service).host = "s.example"; }
service T3 { option (gohost.v1.service).host = "t.example"; }`,
			want: []string{`a.proto:2:13: warning: service acme.v1.S: host "s.example" is also that of acme.v1.S2 (a.proto:5:1), acme.v1.S3 (a.proto:6:1):`,
				`a.proto:3:13: warning: service acme.v1.T: host "t.example" is also that of acme.v1.T2 (a.proto:4:1), acme.v1.T3 (a.proto:7:1):`}},
		"shared by the template of the file": {body: `option (gohost.v1.file).host_template = "{package_dashed}.example"; service S {} service T {}`,
			want: []string{`a.proto:2:1: warning: service acme.v1.S: host "acme-v1.example" is also that of acme.v1.T (a.proto:2:`}},
		"of the parameter": {parameter: "host_template={service}", body: `service S {}`,
			want: []string{`a.proto:2:1: warning: service acme.v1.S: host "s" has a single label`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failure, warnings := withOptions(t, test.parameter, test.body)
			if failure != "" {
				t.Fatal(failure)
			}
			lines := strings.Split(strings.TrimSuffix(warnings, "\n"), "\n")
			if warnings == "" {
				lines = nil
			}
			if len(lines) != len(test.want) {
				t.Fatalf("warnings = %q, want %q", lines, test.want)
			}
			for i, want := range test.want {
				if !strings.Contains(lines[i], want) {
					t.Errorf("warning = %s, want %s", lines[i], want)
				}
			}
		})
	}
}

func TestHostTemplates(t *testing.T) {
	t.Parallel()
	tests := []struct{ service, template, host, err string }{
		{service: "Square", template: "{service}.example", host: "square.example"},
		{service: "SquareService", template: "{service}.example", host: "square-service.example"},
		{service: "HTTPEcho", template: "{service}.example", host: "http-echo.example"},
		{service: "EchoHTTP", template: "{service}.example", host: "echo-http.example"},
		{service: "Echo2Go", template: "{service}.example", host: "echo2-go.example"},
		{service: "V2_API", template: "{service}.example", host: "v2-api.example"},
		{service: "snake_case", template: "{service}.example", host: "snake-case.example"},
		{service: "_S__T_", template: "{service}.example", host: "s-t.example"},
		{service: "OrderService", template: "{service_short}.example", host: "order.example"},
		{service: "Order_Service", template: "{service_short}.example", host: "order.example"},
		{service: "order_service", template: "{service_short}.example", host: "order.example"},
		{service: "OrderSERVICE", template: "{service_short}.example", host: "order.example"},
		{service: "HTTPService", template: "{service_short}.example", host: "http.example"},
		{service: "V2_Service", template: "{service_short}.example", host: "v2.example"},
		{service: "MyServiceService", template: "{service_short}.example", host: "my-service.example"},
		{service: "ServiceService", template: "{service_short}.example", host: "service.example"},
		{service: "Service", template: "{service_short}.example", host: "service.example"},
		{service: "service", template: "{service_short}.example", host: "service.example"},
		{service: "_Service", template: "{service_short}.example", host: "service.example"},
		{service: "Services", template: "{service_short}.example", host: "services.example"},
		{service: "Orders", template: "{service_short}.example", host: "orders.example"},
		{service: "Microservice", template: "{service_short}.example", host: "microservice.example"},
		{service: "OrderServiceV1", template: "{service_short}.example", host: "order-service-v1.example"},
		{service: "OrderService", template: "{service}.{service_short}.example", host: "order-service.order.example"},
		{service: "S", template: "{service}.{package}.example", host: "s.acme.v1.example"},
		{service: "S", template: "{service}-{package_dashed}.example", host: "s-acme-v1.example"},
		{service: "S", template: "all.example", host: "all.example"},
		{service: "S", template: "{service}", host: "s"},
		{service: "S", template: "", err: "host_template is empty"},
		{service: "S", template: "{svc}.example", err: `unknown placeholder "{svc}": allowed are {service}, {service_short}, {package} and {package_dashed}`},
		{service: "S", template: "{service_shorter}.example", err: `unknown placeholder "{service_shorter}"`},
		{service: "S", template: "{}.example", err: `unknown placeholder "{}"`},
		{service: "S", template: "{{service}}.example", err: `invalid host "{s}.example"`},
		{service: "S", template: "{{.Name}}.example", err: `unknown placeholder "{.Name}"`},
		{service: "S", template: "{service.example", err: `invalid host "{service.example"`},
		{service: "S", template: "{service}.example:443", err: `it has a port: write "s.example"`},
		{service: "S", template: "*.{service}.example", err: `it is a wildcard`},
		{service: strings.Repeat("S", 64), template: "{service}.example", err: "more than 63"},
	}
	for _, test := range tests {
		t.Run(test.service+" by "+test.template, func(t *testing.T) {
			t.Parallel()
			body := fmt.Sprintf("option (gohost.v1.file).host_template = %q;\nservice %s {}", test.template, test.service)
			output, failure, _ := withOptions(t, "", body)
			checkHost(t, output, failure, test.host, test.err)
			if failure != "" && !strings.HasPrefix(failure, "a.proto:2:1: ") {
				t.Errorf("the error is not at the option: %s", failure)
			}
			output, failure, _ = withOptions(t, "host_template="+test.template, fmt.Sprintf("service %s {}", test.service))
			checkHost(t, output, failure, test.host, test.err)
		})
	}
}

// checkHost checks that the generated code declares host, or that the failure is wantErr.
func checkHost(t *testing.T, output, failure, host, wantErr string) {
	t.Helper()
	if wantErr != "" || failure != "" {
		if wantErr == "" || !strings.Contains(failure, wantErr) {
			t.Errorf("error = %q, want one with %q", failure, wantErr)
		}
		return
	}
	if !strings.Contains(output, fmt.Sprintf("Host = %q\n", host)) {
		t.Errorf("the host is not %q in\n%s", host, output)
	}
}

// The declarations of a .proto have a precedence.
func TestDeclarationPrecedence(t *testing.T) {
	t.Parallel()
	const (
		template = `option (gohost.v1.file).host_template = "template.example";` + "\n"
		service  = `option (gohost.v1.service).host = "service.example";`
	)
	for _, test := range []struct{ parameter, file, option, want string }{
		{want: ""},
		{parameter: "host_template=parameter.example", want: "parameter.example"},
		{parameter: "host_template=parameter.example", file: template, want: "template.example"},
		{parameter: "host_template=parameter.example", file: template, option: service, want: "service.example"},
		{option: service, want: "service.example"},
	} {
		output, failure, _ := withOptions(t, test.parameter, test.file+"service S { "+test.option+" }")
		checkHost(t, output, failure, test.want, "")
	}
}

// withDefaultHost generates a file whose service has google.api.default_host.
func withDefaultHost(t *testing.T, parameter, value string) (output, failure, warnings string) {
	t.Helper()
	req, err := plugintest.RequestFromSources(plugintest.Join("paths=source_relative", parameter), map[string]string{
		"google/api/client.proto": `syntax = "proto2"; package google.api; import "google/protobuf/descriptor.proto"; option go_package = "example.com/api";
extend google.protobuf.ServiceOptions { optional string default_host = 1049; }`,
		"hello.proto": `syntax = "proto3"; package hello; import "google/api/client.proto"; option go_package = "example.com/hello";
service Hello {
  option (google.api.default_host) = ` + strconv.QuoteToASCII(value) + `;
  rpc Say(M) returns (M);
}
message M {}
`,
	}, "hello.proto")
	if err != nil {
		t.Fatal(err)
	}
	var w bytes.Buffer
	files, err := plugintest.Files(generator.Generate(req, &w))
	if err != nil {
		return "", err.Error(), w.String()
	}
	return files["hello_gohost.pb.go"], "", w.String()
}

func TestDefaultHost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ parameter, value, want, warning string }{
		{value: "pubsub.googleapis.example", want: "pubsub.googleapis.example"},
		{value: "pubsub.googleapis.example:443", want: "pubsub.googleapis.example"},
		{parameter: "default_host=use", value: "a.example", want: "a.example"},
		{parameter: "default_host=ignore", value: "a.example", want: ""},
		{parameter: "host_template=t.example", value: "a.example", want: "a.example"},
		{parameter: "host_template=t.example,default_host=ignore", value: "a.example", want: "t.example"},
		{value: "", want: ""},
		{parameter: "host_template=t.example", value: "a.example:8080", want: "t.example",
			warning: `hello.proto:3:3: warning: service hello.Hello: google.api.default_host is skipped: invalid host "a.example:8080": it has a port`},
		{value: "a\nb", want: "", warning: `invalid host "a\nb"`},
		{value: "A.example", want: "", warning: `it has upper case`},
		{value: "\xff\xfe", want: "", warning: `invalid host "\xff\xfe"`},
	} {
		t.Run(test.parameter+" "+test.value, func(t *testing.T) {
			t.Parallel()
			output, failure, warnings := withDefaultHost(t, test.parameter, test.value)
			checkHost(t, output, failure, test.want, "")
			if (warnings == "") != (test.warning == "") || !strings.Contains(warnings, test.warning) {
				t.Errorf("warnings = %q, want %q", warnings, test.warning)
			}
		})
	}
	if err := generator.Generate(helloRequest(t, "default_host=x"), io.Discard).GetError(); !strings.Contains(err, "default_host=x: allowed are use, the default, and ignore") {
		t.Errorf("error = %q", err)
	}
}

// Services may share a host of google.api.default_host: its author wants that.
func TestSharedDefaultHost(t *testing.T) {
	t.Parallel()
	const header = `syntax = "proto3"; package hello; import "google/api/client.proto"; import "gohost/v1/options.proto"; option go_package = "example.com/hello";
`
	for body, want := range map[string]string{
		`service A { option (google.api.default_host) = "a.example"; } service B { option (google.api.default_host) = "a.example:443"; }`:                                                         "",
		`service A { option (google.api.default_host) = "a.example"; } service B { option (gohost.v1.service).host = "a.example"; }`:                                                              "",
		`service A { option (gohost.v1.service).host = "a.example"; } service B { option (google.api.default_host) = "a.example"; } service C { option (gohost.v1.service).host = "a.example"; }`: "hello.proto:2:13: warning: service hello.A: host \"a.example\" is also that of hello.C (hello.proto:2:124): ",
	} {
		req, err := plugintest.RequestFromSources("", map[string]string{
			"google/api/client.proto": `syntax = "proto2"; package google.api; import "google/protobuf/descriptor.proto"; option go_package = "example.com/api";
extend google.protobuf.ServiceOptions { optional string default_host = 1049; }`,
			"hello.proto": header + body,
		}, "hello.proto")
		if err != nil {
			t.Fatal(err)
		}
		var w bytes.Buffer
		if _, err := plugintest.Files(generator.Generate(req, &w)); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(w.String(), want) || (w.Len() == 0) != (want == "") || strings.Count(w.String(), "\n") > 1 {
			t.Errorf("%s: warnings = %q, want %q", body, w.String(), want)
		}
	}
}
