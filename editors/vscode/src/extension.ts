import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";

const LANGUAGES = [
  "python", "typescript", "javascript", "typescriptreact", "javascriptreact", "go", "rust", "java", "kotlin", "csharp", "ruby",
  "php", "elixir",
];

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("backwright.showWay", showWay),
    vscode.commands.registerCommand("backwright.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("backwright.command") && restart()),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function restart(): Promise<void> {
  await client?.stop();
  await start();
}

async function start(): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined || folder.uri.scheme !== "file") return;
  // Of the user's own settings only: a workspace must not say what is started.
  const said = vscode.workspace.getConfiguration("backwright").inspect<string[]>("command");
  const [command = "backwright", ...rest] = said?.globalValue ?? said?.defaultValue ?? [];
  const server: ServerOptions = { command, args: [...rest, "-C", folder.uri.fsPath, "serve", "lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: LANGUAGES.map((language) => ({ scheme: "file", language })),
  };
  client = new LanguageClient("backwright", "Backwright", server, options);
  try {
    await client.start();
  } catch (error) {
    const install = "pip install 'backwright[lsp]'";
    void vscode.window.showErrorMessage(`Backwright did not start (${command}): ${String(error)}. Install it with: ${install}`);
  }
}

/** The functions on a route's way to the database, where the editor shows references. */
async function showWay(uri: string, line: number, stops: [string, number][]): Promise<void> {
  const places = stops.map(([file, at]) => new vscode.Location(vscode.Uri.parse(file), new vscode.Position(at, 0)));
  await vscode.commands.executeCommand("editor.action.showReferences", vscode.Uri.parse(uri), new vscode.Position(line, 0), places);
}
