package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"channelbook/internal/config"
)

// composed reads compose.yaml as docker compose does, with a .env of these lines.
func composed(t *testing.T, env ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"compose.yaml"}, cli.WithEnv(env), cli.WithName("channelbook"))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(t.Context())
}

const (
	jwtKeyOfCompose  = "JWT_KEYS=a:0123456789abcdef0123456789abcdef"
	dataKeyOfCompose = "PERSONAL_DATA_KEYS=a:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

func TestTheComposeFileIsOne(t *testing.T) {
	project, err := composed(t, "POSTGRES_PASSWORD=horse", jwtKeyOfCompose, dataKeyOfCompose)
	if err != nil {
		t.Fatal(err)
	}
	server, err := project.GetService("channelbook")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(func(name string) string {
		if value := server.Environment[name]; value != nil {
			return *value
		}
		return ""
	})
	if err != nil {
		t.Fatalf("its settings are refused: %v", err)
	}
	if !strings.Contains(string(cfg.DatabaseURL), "channelbook:horse@postgres:5432/channelbook") {
		t.Error("the server is not led to the file's PostgreSQL")
	}
	base, err := project.GetService("postgres")
	if err != nil || base.HealthCheck == nil || server.DependsOn["postgres"].Condition != types.ServiceConditionHealthy {
		t.Errorf("got %v, want the server to wait for PostgreSQL", err)
	}
}

func TestTheComposeFileHasNoSecretOfItsOwn(t *testing.T) {
	for missing, env := range map[string][]string{
		"POSTGRES_PASSWORD":  {jwtKeyOfCompose, dataKeyOfCompose},
		"JWT_KEYS":           {"POSTGRES_PASSWORD=horse", dataKeyOfCompose},
		"PERSONAL_DATA_KEYS": {"POSTGRES_PASSWORD=horse", jwtKeyOfCompose},
	} {
		if _, err := composed(t, env...); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: got %v, want it named", missing, err)
		}
	}
}

func TestTheImagesSettingsAreTaken(t *testing.T) {
	file, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ENV (.*)$`).FindSubmatch(file)
	if line == nil {
		t.Fatal("the image has no settings")
	}
	env := vars{}
	for _, setting := range strings.Fields(string(line[1])) {
		name, value, _ := strings.Cut(setting, "=")
		env[name] = value
	}
	if _, err := config.LoadWithoutKeys(env.get); err != nil {
		t.Errorf("its settings are refused: %v", err)
	}
	for _, name := range []string{"SQLITE_TMPDIR", "TMPDIR"} {
		if env[name] != "/data" {
			t.Errorf("%s is %q, want the one folder that can be written", name, env[name])
		}
	}
}

func TestTheImagesBinaryIsStatic(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the image is one for Linux")
	}
	file, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	build := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .*) -o /channelbook \.$`).FindSubmatch(file)
	if build == nil || !regexp.MustCompile(`(?m)^USER [1-9][0-9]*:[1-9][0-9]*$`).Match(file) {
		t.Fatal("the Dockerfile builds no static binary, or runs it as root")
	}
	binary := filepath.Join(t.TempDir(), "channelbook")
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", string(build[1])+" -o "+binary+" .").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	program, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	libraries, _ := program.ImportedLibraries()
	for _, part := range program.Progs {
		if part.Type == elf.PT_INTERP {
			t.Error("the binary wants a loader")
		}
	}
	if len(libraries) > 0 {
		t.Errorf("the binary wants %v", libraries)
	}
}
