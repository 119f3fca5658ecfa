import type { IArtifact } from '../api/documents';
import { groupOf } from '../models/artifact';
import { isPicture, previewOf } from '../models/preview';
import type { GlyphName } from './icons';

/** The glyph of an artifact. */
export function glyphOf(artifact: IArtifact): GlyphName {
  switch (groupOf(artifact)) {
    case 'model':
      return 'model';
    case 'dataset':
      return 'table';
    case 'plot':
      return 'plot';
    default:
      return isPicture(previewOf(artifact)) ? 'plot' : 'file';
  }
}
