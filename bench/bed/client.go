package bed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// SignIn signs in as a user who has Password.
func (s *Server) SignIn(ctx context.Context, login string) (token string, err error) {
	got, err := s.Ask(ctx, "", `mutation($l: String!, $p: String!) { signIn(input: {login: $l, password: $p}) { session { accessToken } userErrors { message } } }`,
		map[string]any{"l": login, "p": Password})
	if err != nil {
		return "", err
	}
	session, _ := got["signIn"].(map[string]any)["session"].(map[string]any)
	token, _ = session["accessToken"].(string)
	if token == "" {
		return "", errors.New("sign in: no token came")
	}
	return token, nil
}

// Ask sends a GraphQL operation; what it refuses is an error.
func (s *Server) Ask(ctx context.Context, token, query string, variables map[string]any) (map[string]any, error) {
	request, err := s.Query(ctx, token, query, variables)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	var out struct{ Data map[string]any }
	if err := json.Unmarshal(body, &out); err != nil || !Answered(answer.StatusCode, body) {
		return nil, fmt.Errorf("got %d %s", answer.StatusCode, body)
	}
	return out.Data, nil
}

// Answered tells an answer without errors of any kind.
func Answered(status int, body []byte) bool {
	return status == http.StatusOK && !bytes.Contains(body, []byte(`"errors":`)) && !bytes.Contains(body, []byte(`"userErrors":[{`))
}

// Query is the request of a GraphQL operation.
func (s *Server) Query(ctx context.Context, token, query string, variables map[string]any) (*http.Request, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/query", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request, nil
}
