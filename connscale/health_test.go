package connscale_test

import (
	_ "google.golang.org/grpc/health" // without it, grpc asks for nothing
)

const checkHealth = `{"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": ""}}`
