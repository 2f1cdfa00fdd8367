package schemas

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/json"
	names "k8s.io/apimachinery/pkg/util/validation"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/yaml"
)

func TestGatewayAPI(t *testing.T) {
	t.Parallel()
	kinds := kinds(t)
	for _, file := range goldens(t, "gateway-api.yaml") {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			if err := kinds.check(t.Context(), read(t, file)); err != nil {
				t.Error(err)
			}
		})
	}
}

// check finds what an API server would reject.
func TestGatewayAPIRefuses(t *testing.T) {
	t.Parallel()
	kinds := kinds(t)
	text := read(t, "../../testdata/proxy/template/gateway-api.yaml")
	const host = `    - "http-export.acme-billing-2-v1.example"` + "\n"
	for _, test := range []struct{ old, new, err string }{
		{"hostnames:", "hostname:", `unknown field "hostname"`},
		{host, strings.Replace(host, "http-", "http_", 1), "spec.hostnames[0]"},
		{host, strings.Repeat(host, 17), "spec.hostnames: Too many"},
		{"type: Exact", "type: Exactly", "spec.rules[0].matches[0].method.type"},
		{`service: "acme.billing_2.v1.HTTPExport"`, `service: "acme/billing"`, "service must only contain valid characters"},
		{"port: 443", "port: 65536", "port"},
		{"          port: 443\n", "", "Must have port for Service reference"},
		{"wellKnownCACertificates: System", "wellKnownCACertificates: None", "wellKnownCACertificates"},
		{`name: "http-export"`, `name: "HTTPExport"`, "metadata.name"},
		{"kind: GRPCRoute", "kind: GrpcRoute", `no kind "GrpcRoute"`},
	} {
		broken := strings.Replace(text, test.old, test.new, 1)
		if strings.Contains(test.err, "metadata") {
			broken = strings.Replace(text, "kind: BackendTLSPolicy\nmetadata:\n  "+test.old, "kind: BackendTLSPolicy\nmetadata:\n  "+test.new, 1)
		}
		if err := kinds.check(t.Context(), broken); broken == text || err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: error = %v, want one with %q", test.new, err, test.err)
		}
	}
}

// kind is a kind of object, as an API server knows it.
type kind struct {
	schema    *schema.Structural
	validator validation.SchemaValidator
	rules     *cel.Validator
	object    func() any // of the API's Go package, which knows all fields
}

type kindsByName map[string]kind

// kinds returns the kinds of the Gateway API's release, from its Go module.
func kinds(t *testing.T) kindsByName {
	t.Helper()
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/gateway-api")
	cmd.Stderr = os.Stderr
	dir, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	crds := filepath.Join(strings.TrimSpace(string(dir)), "config", "crd", "standard")
	return kindsByName{
		"GRPCRoute":        readKind(t, filepath.Join(crds, "gateway.networking.k8s.io_grpcroutes.yaml"), func() any { return new(gatewayv1.GRPCRoute) }),
		"HTTPRoute":        readKind(t, filepath.Join(crds, "gateway.networking.k8s.io_httproutes.yaml"), func() any { return new(gatewayv1.HTTPRoute) }),
		"BackendTLSPolicy": readKind(t, filepath.Join(crds, "gateway.networking.k8s.io_backendtlspolicies.yaml"), func() any { return new(gatewayv1.BackendTLSPolicy) }),
	}
}

func readKind(t *testing.T, file string, object func() any) kind {
	t.Helper()
	crd := new(apiextensionsv1.CustomResourceDefinition)
	if err := yaml.UnmarshalStrict([]byte(read(t, file)), crd); err != nil {
		t.Fatal(err)
	}
	for _, v := range crd.Spec.Versions {
		if v.Name != "v1" {
			continue
		}
		props := new(apiextensions.JSONSchemaProps)
		if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, props, nil); err != nil {
			t.Fatal(err)
		}
		structural, err := schema.NewStructural(props)
		if err != nil {
			t.Fatal(err)
		}
		validator, _, err := validation.NewSchemaValidator(props)
		if err != nil {
			t.Fatal(err)
		}
		return kind{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit), object}
	}
	t.Fatalf("%s has no version v1", file)
	return kind{}
}

// check returns the error with which an API server would reject an object of text.
func (k kindsByName) check(ctx context.Context, text string) error {
	var errs []error
	for _, document := range strings.Split(text, "\n---\n")[1:] {
		text, err := yaml.YAMLToJSONStrict([]byte(document))
		if err != nil {
			return err
		}
		var object map[string]any
		if err := json.Unmarshal(text, &object); err != nil { // keeps integers, for the rules
			return err
		}
		name := fmt.Sprint(object["kind"])
		if name == "BackendTrafficPolicy" {
			continue // of Envoy Gateway's API: package envoy checks it
		}
		kind, ok := k[name]
		if !ok {
			return fmt.Errorf("no kind %q", name)
		}
		if err := kind.check(ctx, document, object); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func (k kind) check(ctx context.Context, text string, object map[string]any) error {
	if err := yaml.UnmarshalStrict([]byte(text), k.object()); err != nil {
		return err
	}
	metadata, _ := object["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	if problems := names.IsDNS1123Subdomain(name); len(problems) > 0 {
		return fmt.Errorf("metadata.name: %v", problems)
	}
	defaulting.Default(object, k.schema)
	if errs := validation.ValidateCustomResource(nil, object, k.validator); len(errs) > 0 {
		return errs.ToAggregate()
	}
	errs, _ := k.rules.Validate(ctx, nil, k.schema, object, nil, celconfig.RuntimeCELCostBudget)
	return errs.ToAggregate()
}
