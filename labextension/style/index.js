import './base.css';
import './grid.css';
import './panel.css';
import './table.css';
import './compare.css';
