// Starts GraphiQL. What is typed here may be a password or personal data: it stays in this tab's storage and leaves
// with the tab; headers, with tokens and keys in them, leave with the page.
(function () {
  'use strict';

  const signIn = `# Sign in first: run this, then put
# the access token under Headers below,
# in each tab that you use:
#   { "Authorization": "Bearer …" }
# The server printed the password of
# "admin" at its first start.
mutation SignIn {
  signIn(input: { login: "admin", password: "" }) {
    session { accessToken accessTokenExpiresAt refreshToken }
    viewer { id login role }
    userErrors { code message field }
  }
}
`;

  const leads = `# The newest leads. Headers:
#   { "Authorization": "Bearer …" }
query Leads {
  leads(first: 20) {
    edges { node { id status firstName lastName phone receivedAt } }
    pageInfo { hasNextPage endCursor }
  }
}
`;

  const submit = `# A lead from a source. Headers:
#   { "X-Api-Key": "…" }
mutation SubmitLead {
  submitLead(input: { firstName: "Анна", phone: "8 (912) 345-67-89", test: true }) {
    outcome
    reference
    userErrors { code message field }
  }
}
`;

  const bearer = '{ "Authorization": "Bearer " }';

  const live = `# What you are told, as it happens. An empty
# after begins at the beginning of your feed.
# Headers: { "Authorization": "Bearer …" }
subscription Notifications {
  notificationAdded(after: "") {
    id kind title text url createdAt readAt
  }
}
`;

  // Subscriptions go over a WebSocket, which begins with the headers of their tab.
  const url = new URL('query', document.baseURI).href;

  ReactDOM.createRoot(document.getElementById('graphiql')).render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url, subscriptionUrl: url.replace(/^http/, 'ws') }),
      defaultEditorToolsVisibility: 'headers',
      defaultTabs: [
        { query: signIn },
        { query: leads, headers: bearer },
        { query: submit, headers: '{ "X-Api-Key": "" }' },
        { query: live, headers: bearer },
      ],
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
      storage: window.sessionStorage,
    }),
  );
})();
