package peers

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/python"
	"github.com/gohostrpc/gohost/e2e/internal/samples"
)

func TestPythonClient(t *testing.T) {
	t.Parallel()
	generated := python.Generate(t)
	cert := samples.NewCertificate(t)
	for flavour, program := range python.Flavours {
		for name, creds := range map[string]credentials.TransportCredentials{"plaintext": insecure.NewCredentials(), "TLS": cert.Server(t)} {
			t.Run(flavour+"/"+name, func(t *testing.T) {
				t.Parallel()
				var reports samples.Reports
				addr := serve(t, creds, func(s *grpc.Server) { samples.Register(s, &reports) })
				args := []string{addr}
				if name == "TLS" {
					args = append(args, "--cert", cert.Cert)
				}
				python.CheckClient(t, generated.Command(program.Client, args...), &reports)
			})
		}
	}
}
