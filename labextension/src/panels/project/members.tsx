import React from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  IMember,
  listMembers,
  removeMember,
  Role,
  ROLES,
  saveMember
} from '../../api/members';
import { Button, IconButton } from '../../components/button';
import { confirm } from '../../components/confirm';
import { Empty, Skeleton } from '../../components/empty';
import { Note } from '../../components/note';
import { useTrans } from '../../components/translation';
import { useActed, useAsked } from '../../models/asked';
import type { IProjectTab } from './tab';

/** A role as a word with what it may do. */
function roleWord(role: Role, trans: TranslationBundle): string {
  switch (role) {
    case 'viewer':
      return trans.__('viewer: reads');
    case 'editor':
      return trans.__('editor: runs and changes');
    case 'admin':
      return trans.__('admin: members and secrets too');
    default:
      return trans.__('owner: everything');
  }
}

/** Who may do what in a project. */
export function Members({ model }: IProjectTab) {
  const trans = useTrans();
  const { settings } = model.service;
  const { name: project } = model.ref;
  const { value, failure, again } = useAsked(
    () => listMembers(settings, project),
    [settings, project]
  );
  const { refused, act } = useActed(again);
  const remove = async (member: IMember) => {
    const wanted = await confirm({
      title: trans.__('Remove member %1?', member.name),
      body: trans.__(
        'This takes the role away (%1). Only an admin or the owner can give it back, also where it was your own.',
        roleWord(member.role, trans)
      ),
      keep: trans.__('Keep the member'),
      act: trans.__('Remove')
    });
    if (wanted) {
      await act(() => removeMember(settings, project, member));
    }
  };
  if (failure) {
    return (
      <Note
        kind="error"
        actions={[{ label: trans.__('Try again'), onClick: again }]}
      >
        {failure}
      </Note>
    );
  }
  if (value === null) {
    return <Skeleton label={trans.__('The members are being read')} />;
  }
  const manages =
    !value.enforced || value.role === 'owner' || value.role === 'admin';
  return (
    <>
      {!value.enforced && (
        <p className="jp-mlrun-quiet">
          {trans.__(
            'This service runs inside one Jupyter server: whoever is admitted there is one user, so roles do not hold here.'
          )}
        </p>
      )}
      {refused && <Note kind="error">{refused}</Note>}
      {value.members.length === 0 ? (
        <Empty>{trans.__('This project has no members.')}</Empty>
      ) : (
        <table className="jp-mlrun-data" aria-label={trans.__('Members')}>
          <thead>
            <tr>
              <th scope="col">{trans.__('Name')}</th>
              <th scope="col">{trans.__('Kind')}</th>
              <th scope="col">{trans.__('Role')}</th>
              <th scope="col" aria-label={trans.__('Actions')} />
            </tr>
          </thead>
          <tbody>
            {value.members.map(member => (
              <tr key={`${member.kind} ${member.name}`}>
                <td>
                  <bdi>{member.name}</bdi>
                </td>
                <td>
                  {member.kind === 'group'
                    ? trans.__('group')
                    : trans.__('user')}
                </td>
                <td>
                  <RoleChoice
                    label={trans.__('Role of %1', member.name)}
                    role={member.role}
                    disabled={!manages}
                    onChange={role =>
                      void act(() =>
                        saveMember(settings, project, { ...member, role })
                      )
                    }
                  />
                </td>
                <td>
                  <IconButton
                    icon="trash"
                    label={trans.__('Remove %1', member.name)}
                    disabled={!manages}
                    onClick={() => void remove(member)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {manages && (
        <NewMember
          onSave={member => act(() => saveMember(settings, project, member))}
        />
      )}
    </>
  );
}

function RoleChoice(props: {
  label: string;
  role: Role;
  disabled?: boolean;
  onChange: (role: Role) => void;
}) {
  const trans = useTrans();
  return (
    <select
      aria-label={props.label}
      value={props.role}
      disabled={props.disabled}
      onChange={event => props.onChange(event.target.value as Role)}
    >
      {ROLES.map(role => (
        <option key={role} value={role}>
          {roleWord(role, trans)}
        </option>
      ))}
    </select>
  );
}

function NewMember(props: { onSave: (member: IMember) => Promise<boolean> }) {
  const trans = useTrans();
  const [name, setName] = React.useState('');
  const [kind, setKind] = React.useState<IMember['kind']>('user');
  const [role, setRole] = React.useState<Role>('viewer');
  const save = async () => {
    if (
      name.trim() &&
      (await props.onSave({ kind, name: name.trim(), role }))
    ) {
      setName('');
    }
  };
  return (
    <form
      className="jp-mlrun-inline"
      aria-label={trans.__('Add a member')}
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      <input
        type="text"
        spellCheck={false}
        aria-label={trans.__('Name of the member')}
        placeholder={trans.__('name')}
        value={name}
        onChange={event => setName(event.target.value)}
      />
      <select
        aria-label={trans.__('Kind of member')}
        value={kind}
        onChange={event => setKind(event.target.value as IMember['kind'])}
      >
        <option value="user">{trans.__('user')}</option>
        <option value="group">{trans.__('group')}</option>
      </select>
      <RoleChoice
        label={trans.__('Role of the new member')}
        role={role}
        onChange={setRole}
      />
      <Button label={trans.__('Add')} disabled={!name.trim()} submit />
    </form>
  );
}
