package kubernetes

import (
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

func TestStandardByTraefik(t *testing.T) {
	t.Parallel()
	addr := proc.Addr(t)
	texts := []string{gateways(t, addr)}
	for _, b := range startBackends(t) {
		texts = append(texts, b.objects(t))
	}
	for golden := range goldens {
		texts = append(texts, generate(t, golden, "target=gateway-api", "gateway=infra/edge"))
	}
	api := kube.StartFake(t, texts...)
	tr := startTraefik(t, addr, provider("kubernetesgateway", api.API)...)
	tr.waitRoutes(t)
	routecases.Check(t, tr.conn, routecases.All)
}
