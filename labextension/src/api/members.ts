import { ServerConnection } from '@jupyterlab/services';
import { joinPath, request } from './request';

/** What a member may do, the least first. */
export const ROLES = ['viewer', 'editor', 'admin', 'owner'] as const;

/** What a member may do. */
export type Role = (typeof ROLES)[number];

/** A user or a group that may work in a project. */
export interface IMember {
  kind: 'user' | 'group';
  name: string;
  role: Role;
}

/** The members of a project, and what the sender may do there. */
export interface IMembers {
  members: IMember[];
  role: Role | null;
  /** False where everybody who is admitted is one user. */
  enforced: boolean;
}

function pathOf(project: string): string {
  return `lab/projects/${joinPath(project)}/members`;
}

/** The members of a project. */
export function listMembers(
  settings: ServerConnection.ISettings,
  project: string
): Promise<IMembers> {
  return request(settings, pathOf(project));
}

/** Give somebody a role. */
export async function saveMember(
  settings: ServerConnection.ISettings,
  project: string,
  { kind, name, role }: IMember
): Promise<void> {
  await request(settings, `${pathOf(project)}/${joinPath(kind, name)}`, {
    method: 'PUT',
    body: { role }
  });
}

/** Let a member go. */
export async function removeMember(
  settings: ServerConnection.ISettings,
  project: string,
  { kind, name }: IMember
): Promise<void> {
  await request(settings, `${pathOf(project)}/${joinPath(kind, name)}`, {
    method: 'DELETE'
  });
}

const PROVIDER = { provider: 'kubernetes' };

/** The names of a project's secrets: values are never given out. */
export async function listSecretNames(
  settings: ServerConnection.ISettings,
  project: string
): Promise<string[]> {
  const answer = await request<{ secret_keys: string[] }>(
    settings,
    `projects/${joinPath(project)}/secret-keys`,
    { query: PROVIDER }
  );
  return answer.secret_keys;
}

/** Store a secret, or give one another value. */
export async function saveSecret(
  settings: ServerConnection.ISettings,
  project: string,
  name: string,
  value: string
): Promise<void> {
  await request(settings, `projects/${joinPath(project)}/secrets`, {
    method: 'POST',
    body: { ...PROVIDER, secrets: { [name]: value } }
  });
}

/** Delete a secret. */
export async function deleteSecret(
  settings: ServerConnection.ISettings,
  project: string,
  name: string
): Promise<void> {
  await request(settings, `projects/${joinPath(project)}/secrets`, {
    method: 'DELETE',
    query: { ...PROVIDER, secret: name }
  });
}
