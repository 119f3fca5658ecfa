import React from 'react';
import { reasonOf } from '../api/request';
import { Note } from './note';
import { useTrans } from './translation';

/** What is drawn inside, or the reason why it cannot be: never an empty place. */
export class Boundary extends React.Component<
  { children?: React.ReactNode },
  { failure: string | null }
> {
  static getDerivedStateFromError(error: unknown) {
    return { failure: reasonOf(error) };
  }

  state = { failure: null as string | null };

  render() {
    const { failure } = this.state;
    return failure === null ? (
      this.props.children
    ) : (
      <Broken
        reason={failure}
        onAgain={() => this.setState({ failure: null })}
      />
    );
  }
}

function Broken(props: { reason: string; onAgain: () => void }) {
  const trans = useTrans();
  return (
    <Note
      kind="error"
      actions={[{ label: trans.__('Try again'), onClick: props.onAgain }]}
    >
      {trans.__('This could not be drawn: %1', props.reason)}
    </Note>
  );
}
