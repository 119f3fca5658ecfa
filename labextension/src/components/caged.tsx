import React from 'react';

// a page that says nothing about colours expects black on white
const STYLE =
  '<style>body{margin:8px;font-family:sans-serif;font-size:13px}</style>';

/**
 * HTML that a run made, in a frame of its own: its scripts run, but it is of no origin, so it
 * reads no cookie, no storage and nothing of the page. It is given as text, never by address.
 */
export function Caged(props: { html: string; title: string; height?: number }) {
  return (
    <iframe
      className="jp-mlrun-caged"
      title={props.title}
      sandbox="allow-scripts"
      referrerPolicy="no-referrer"
      srcDoc={STYLE + props.html}
      style={{ height: props.height ?? 360 }}
    />
  );
}
