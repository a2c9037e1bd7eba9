// node follow.mjs CLIENT DOCUMENT URL: follows a feed from its beginning by the subscription Notifications of a document, and
// prints each notification as a line of JSON. CLIENT is graphql-ws, apollo-ws, graphql-sse or apollo-sse; TOKEN is the access
// token. It comes again whenever its connection breaks, with the last id that it has, until it is killed.
import { readFileSync } from 'node:fs';
import { parse, print, separateOperations } from 'graphql';
import * as overSocket from 'graphql-ws';
import * as overEvents from 'graphql-sse';
import { ApolloClient, ApolloLink, InMemoryCache, Observable } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { tap } from 'rxjs';
import WebSocket from 'ws';

const [name, document, url] = process.argv.slice(2);
globalThis.WebSocket ??= WebSocket; // Node before 22 has none, and Apollo asks for its constants
const bearer = () => ({ Authorization: `Bearer ${process.env.TOKEN}` }); // asked for anew with each connection
const soon = () => new Promise((again) => setTimeout(again, 50 + Math.random() * 200));
const notifications = separateOperations(parse(readFileSync(document, 'utf8'))).Notifications;

const socket = () => overSocket.createClient({
  url: url.replace(/^http/, 'ws'), webSocketImpl: WebSocket, connectionParams: bearer,
  retryAttempts: Infinity, retryWait: soon,
  shouldRetry: () => true, // by default a connection that cannot be made ends it; codes that are fatal end it all the same
  on: { connected: () => console.error('connected') },
});
const events = () => overEvents.createClient({
  url, headers: bearer, retryAttempts: Infinity, retry: soon,
  on: { connected: () => console.error('connected') },
});

// following are variables whose after is asked for each time that they are sent: the id of the last notification that got here.
function following(last) {
  return { variables: { get after() { return last; } }, got: (id) => { last = id; } };
}

// plain follows by a client of graphql-ws or graphql-sse: both write the variables anew with each connection.
function plain(client) {
  const { variables, got } = following('');
  client.subscribe({ query: print(notifications), operationName: 'Notifications', variables }, {
    next: ({ data, errors }) => {
      if (errors) return end(errors);
      got(data.notificationAdded.id);
      show(data.notificationAdded);
    },
    error: end,
    complete: () => end('complete'),
  });
}

// resuming is a link before the one that connects. Apollo copies variables before its links get them, so they are replaced here.
const resuming = new ApolloLink((operation, forward) => {
  if (operation.operationName !== 'Notifications') return forward(operation);
  const { variables, got } = following(operation.variables.after);
  operation.variables = variables;
  return forward(operation).pipe(tap(({ data }) => data && got(data.notificationAdded.id)));
});

// GraphQLSSELink sends operations by graphql-sse.
class GraphQLSSELink extends ApolloLink {
  constructor(client) {
    super();
    this.client = client;
  }

  request({ query, variables, operationName, extensions }) {
    return new Observable((sink) => this.client.subscribe({ query: print(query), variables, operationName, extensions }, {
      next: (result) => sink.next(result), error: (err) => sink.error(err), complete: () => sink.complete(),
    }));
  }
}

function apollo(link) {
  const client = new ApolloClient({ link: ApolloLink.from([resuming, link]), cache: new InMemoryCache() });
  client.subscribe({ query: notifications, variables: { after: '' }, fetchPolicy: 'no-cache' }).subscribe({
    next: ({ data, error }) => (error ? end(error) : show(data.notificationAdded)),
    error: end,
    complete: () => end('complete'),
  });
}

function show(notification) {
  console.log(JSON.stringify(notification));
}

function end(why) {
  console.error('ended:', why);
  process.exit(1);
}

const follow = {
  'graphql-ws': () => plain(socket()),
  'apollo-ws': () => apollo(new GraphQLWsLink(socket())),
  'graphql-sse': () => plain(events()),
  'apollo-sse': () => apollo(new GraphQLSSELink(events())),
}[name];
follow();
