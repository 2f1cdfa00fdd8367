package kubernetes

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/proxyconfig"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

var labels = target{file: "traefik-labels.yaml", parameters: []string{"target=traefik-labels"}}

func TestTraefikLabels(t *testing.T) {
	t.Parallel()
	var texts []string
	for golden, files := range goldens {
		texts = append(texts, proxyconfig.Generate(t, append(labels.parameters, labels.upstreams(t, golden)...), routecases.Dir, files...))
	}
	var containers []container
	for _, b := range startBackends(t, labels) {
		name := b.name
		if b.namespace != namespace {
			name += "." + b.namespace
		}
		containers = append(containers, container{service: name, ip: b.ip})
	}
	conn := startOnDocker(t, containers, texts...)
	waitRoutes(t, conn)
	labels.check(t, conn)
}

// container is a container of a docker compose service.
type container struct {
	service string
	ip      string
	labels  map[string]string
}

// startOnDocker starts Traefik on a fake Docker. Its containers have the labels that
// compose reads from generated texts. It returns a connection to Traefik.
func startOnDocker(t *testing.T, containers []container, texts ...string) *grpc.ClientConn {
	t.Helper()
	composed := compose(t, containers, texts...)
	for i, c := range containers {
		containers[i].labels = composed[c.service]
	}
	docker := startDocker(t, containers)
	addr := proc.Addr(t)
	return startTraefik(t, addr, insecure.NewCredentials(), "--providers.docker=true", "--providers.docker.endpoint="+docker,
		"--providers.docker.exposedbydefault=false")
}

// compose returns the labels of each service, as docker compose reads them from the
// texts together with a file that has the services.
func compose(t *testing.T, containers []container, texts ...string) map[string]map[string]string {
	t.Helper()
	dir := t.TempDir()
	var base strings.Builder
	base.WriteString("services:\n")
	for _, c := range containers {
		fmt.Fprintf(&base, "  %q:\n    image: example\n", c.service)
	}
	var paths []string
	for i, text := range append([]string{base.String()}, texts...) {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("%d.yaml", i)))
		if err := os.WriteFile(paths[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	options, err := cli.NewProjectOptions(paths, cli.WithName("gohost"), cli.WithoutEnvironmentResolution)
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	labels := make(map[string]map[string]string)
	for name, service := range project.Services {
		labels[name] = service.Labels
		for label, value := range service.Labels {
			if strings.Contains(value, "$$") || strings.HasSuffix(label, ".rule") && strings.Contains(value, "Regexp") && !strings.Contains(value, "$`") {
				t.Errorf("%s: %s is %s, which Traefik does not read as generated", name, label, value)
			}
		}
	}
	return labels
}

var versioned = regexp.MustCompile(`^/v[0-9.]+`)

// startDocker starts a fake Docker API with those containers, and returns its address.
func startDocker(t *testing.T, containers []container) string {
	t.Helper()
	answer := func(w http.ResponseWriter, body any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(body) //nolint:errcheck // Traefik may have disconnected
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := versioned.ReplaceAllString(r.URL.Path, "")
		w.Header().Set("Api-Version", "1.47")
		switch path {
		case "/_ping":
		case "/version":
			answer(w, map[string]any{"Version": "27.0.0", "ApiVersion": "1.47", "MinAPIVersion": "1.24"})
		case "/events":
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case "/networks":
			answer(w, []any{})
		case "/containers/json":
			list := make([]any, len(containers))
			for i, c := range containers {
				list[i] = map[string]any{"Id": c.service, "Names": []string{"/" + c.service}, "Labels": c.labels, "State": "running"}
			}
			answer(w, list)
		default:
			name := strings.TrimSuffix(strings.TrimPrefix(path, "/containers/"), "/json")
			i := slices.IndexFunc(containers, func(c container) bool { return c.service == name })
			if i < 0 {
				http.NotFound(w, r)
				return
			}
			answer(w, containers[i].inspected())
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections) // runs first: /events does not end by itself
	return "tcp://" + server.Listener.Addr().String()
}

// inspected returns the output of docker inspect for c.
func (c container) inspected() any {
	return map[string]any{
		"Id": c.service, "Name": "/" + c.service,
		"State":           map[string]any{"Status": "running", "Running": true},
		"HostConfig":      map[string]any{"NetworkMode": "edge"},
		"Config":          map[string]any{"Labels": c.labels},
		"NetworkSettings": map[string]any{"Networks": map[string]any{"edge": map[string]any{"IPAddress": c.ip}}},
	}
}
