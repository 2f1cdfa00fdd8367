package proxy_test

import (
	"strings"
	"testing"
)

// A host template and an upstream have the same placeholders with the same
// meaning.
func TestServiceShort(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"OrderService":     "order",
		"Order_Service":    "order",
		"Orders":           "orders",
		"Services":         "services",
		"Service":          "service",
		"service":          "service",
		"ServiceService":   "service",
		"MyServiceService": "my-service",
		"V2_Service":       "v2",
		"HTTPService":      "http",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parameter := "target=nginx,host_template={service_short}.example,upstream={service_short}:50051"
			output, failure := withServices(t, parameter, "service "+name+" { rpc Get(M) returns (M); }\n"+message)
			if failure != "" {
				t.Fatal(failure)
			}
			for _, line := range []string{"server_name " + want + ".example;", "server " + want + ":50051;"} {
				if !strings.Contains(output, line) {
					t.Errorf("there is no %q in\n%s", line, output)
				}
			}
		})
	}
}
